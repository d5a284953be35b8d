"""What a person is told when a call has failed for good: what happened, and the setting to change."""

from models.errors import ContextOverflow, ModelError, ProviderError
from models.faults import Fault


def failure_of(fault: Fault, model: str, place: str, sends: int) -> ModelError:
    """Return the exception for the fault that ended a call to `model` at `place` after `sends` requests."""
    said = f" ({fault.message})" if fault.message else ""
    match fault.kind:
        case "context":
            return ContextOverflow(f"the prompt is too long for {model}{said}", limit=fault.context_limit)
        case "key":
            what = f"{place} refuses the key{said}."
            fix = "Set OPENAI_API_KEY to a key that may use this model, or choose another endpoint with --base-url."
        case "missing":
            what = f"{place} knows no model {model!r} at that address{said}."
            fix = "Name an offered model with --model, or check --base-url (most end in /v1)."
        case "moved":
            what = f"{place} sends its visitors elsewhere{said}."
            fix = "Give the address itself with --base-url; a login page in between cannot be passed."
        case "tls":
            what = f"the connection to {place} is not safe{said}."
            fix = "Check --base-url (http or https), or name the certificates to trust in SSL_CERT_FILE."
        case "quota":
            what = f"the quota at {place} is used up{said}."
            fix = "Top it up, or choose another endpoint or model with --base-url and --model."
        case "rejected":
            what = f"{place} refuses the request{said}."
            fix = "Choose another model with --model."
        case "gone":
            what = f"the embedded model {model} cannot go on: {fault.message}."
            fix = "Free some memory and run `orchestrator resume last`, or choose an endpoint with --base-url."
        case "down":
            what = f"nothing answers at {place}{said}."
            fix = "Start the server, or check --base-url and OPENAI_BASE_URL."
        case _:
            what = f"{place} failed {sends} times, the last time with: {fault.message or fault.kind}."
            fix = "Try `orchestrator resume last` later, or choose another endpoint with --base-url."
    return ProviderError(what, fix=fix, status=fault.status)
