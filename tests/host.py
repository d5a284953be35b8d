"""A host program as a test plays it: one order to the real command, its messages, and answers to what is asked."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

from tests.warm import COMMAND, Warm
from tests.world import World, hear_signals

Message = dict[str, Any]


@dataclass
class Hosted:
    """One order under way, and what it has told so far."""

    process: "subprocess.Popen[str]"
    told: list[Message] = field(default_factory=list)

    def read(self, until: Callable[[Message], bool]) -> Message:
        """Take messages in until one fits."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.told.append(json.loads(line))
            if until(self.told[-1]):
                return self.told[-1]
        raise AssertionError(f"it ended first: {self.told[-3:]}, {self.process.communicate()[1]}")

    def say(self, message: object) -> None:
        """Write one line."""
        assert self.process.stdin is not None
        print(json.dumps(message), file=self.process.stdin, flush=True)

    def result(self, allows: Callable[[Message], bool] = lambda question: True) -> Message:
        """Answer every question until the result comes."""
        while (message := self.read(lambda m: m["type"] in ("ask", "result")))["type"] == "ask":
            self.say({"id": message["id"], "allowed": allows(message)})
        self.process.wait(30)
        return message

    def of(self, type: str) -> list[Message]:
        """The messages of a type."""
        return [message for message in self.told if message["type"] == type]

    def hang_up(self) -> None:
        """End the input, as a host that dies does."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()


def order(world: World, command: object, text: str = "", **fields: Any) -> Hosted:
    """Start the command with an order: one of this name and text, or whatever stands in the place of the name."""
    process = Warm(
        [*COMMAND, "host"],
        env=world.environment(),
        cwd=world.project,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=hear_signals,
    )
    hosted = Hosted(process)
    whole = {"v": 1, "command": command, "text": text, "root": str(world.project), **fields}
    hosted.say(whole if isinstance(command, str) else command)
    return hosted
