"""Shrinking: the largest evidence first, every cut said, and nothing else touched."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from models.dialect import ChatRequest, Message
from models.faults import Fault
from models.room import Room
from models.shrink import shrunk


def request(*blocks: str, goal: str = "Make it work.", max_tokens: int = 1000) -> ChatRequest:
    """A question that quotes evidence in fences."""
    user = f"Goal:\n```text\n{goal}\n```\n" + "".join(f"\nEvidence:\n```python\n{block}\n```\n" for block in blocks)
    messages: tuple[Message, ...] = (
        {"role": "system", "content": "You are the Coder."},
        {"role": "user", "content": user},
    )
    return ChatRequest(messages, max_tokens, 0.2)


def lines(count: int, word: str = "value") -> str:
    return "\n".join(f"{word}_{number} = {number}" for number in range(count))


@given(st.lists(st.integers(1, 400), min_size=1, max_size=5), st.integers(200, 4000))
def test_a_shrunk_prompt_fits_and_says_what_is_missing(sizes: list[int], tokens: int) -> None:
    """Whatever is returned fits, its cuts are told in place and add up, and what stands outside fences is unchanged."""
    before = request(*(lines(size) for size in sizes))
    after = shrunk(before, tokens)
    if after is None:
        assert before.prompt_tokens > tokens
        return
    assert (
        after.request.prompt_tokens <= tokens
        or after.left_out == 0 == before.prompt_tokens - after.request.prompt_tokens
    )
    assert (after.left_out > 0) == (before.prompt_tokens > tokens)
    text = after.request.messages[1]["content"]
    told = [int(part.split(" ")[0]) for part in text.split("[… ")[1:]]
    assert sum(told) == after.left_out
    assert after.request.messages[0] == before.messages[0]
    assert text.startswith("Goal:\n```text\nMake it work.\n```\n") and text.count("```") == 2 * (len(sizes) + 1)


def test_the_largest_goes_first() -> None:
    """A long output is cut before a shorter file is touched; its first and last lines stay."""
    small, large = lines(50, "small"), lines(2000, "large")
    after = shrunk(request(small, large), 3000)
    assert after is not None
    text = after.request.messages[1]["content"]
    assert small in text
    assert "large_0 = 0\n" in text and "large_1999 = 1999" in text and "large_1000 = 1000" not in text


def test_a_prompt_without_evidence_cannot_be_shrunk() -> None:
    """Instructions are never cut, however long they are."""
    messages: tuple[Message, ...] = ({"role": "system", "content": "s"}, {"role": "user", "content": "do it " * 2000})
    assert shrunk(ChatRequest(messages, 100, 0.2), 500) is None


def test_what_is_asked_for_stays() -> None:
    """The first block of a question is the goal: all else may go, and what is shorter than a note is no gain."""
    goal = lines(40, "goal")
    after = shrunk(request(lines(50), lines(60), goal=goal), 300)
    assert after is not None and after.request.prompt_tokens <= 300
    text = after.request.messages[1]["content"]
    assert goal in text and text.count("characters left out]") == 2
    assert shrunk(request("x = 1", goal=goal), 100) is None


def test_two_lanes_that_are_refused_at_once_teach_the_same() -> None:
    """A request that was sent before the limit was known says nothing against it when it is refused too."""
    room, asked = Room(), request(lines(2000))
    for _ in range(3):
        room.refused(Fault("context", "", context_limit=4096), asked)
    assert room.context == 4096


def test_a_limit_that_is_named_is_kept() -> None:
    """After a refusal with a limit the prompt leaves room for an answer, and later prompts are fitted at once."""
    room, asked = Room(), request(lines(2000))
    assert room.fitted(asked) is not None and room.context is None
    room.refused(Fault("context", "", context_limit=4096, prompt_tokens=2 * asked.prompt_tokens), asked)
    fitted = room.fitted(asked)
    assert fitted is not None and fitted.left_out > 0
    assert 2 * fitted.request.prompt_tokens + fitted.request.max_tokens <= 4096


def test_a_long_answer_gives_way_before_the_prompt_does() -> None:
    """Where the prompt fits and only the room asked for the answer is too large, nothing is left out."""
    room, asked = Room(4096), request(lines(300), max_tokens=8192)
    fitted = room.fitted(asked)
    assert fitted is not None and fitted.left_out == 0
    assert asked.prompt_tokens + fitted.request.max_tokens <= 4096


def test_a_limit_that_was_kept_and_still_refused_shrinks_on() -> None:
    """An endpoint that counts more tokens than we do is believed."""
    room, asked = Room(4096), request(lines(2000))
    first = room.fitted(asked)
    assert first is not None
    room.refused(Fault("context", "", context_limit=4096), first.request)
    second = room.fitted(asked)
    assert second is not None and second.request.prompt_tokens < first.request.prompt_tokens


def test_fewer_tokens_than_words_are_a_silent_cut() -> None:
    """An endpoint that has read fewer tokens than the prompt has words has not read all of it."""
    asked = request(lines(400))
    assert not Room().counted(asked, asked.prompt_tokens) and not Room().counted(asked, None)
    room = Room()
    assert room.counted(asked, 512)
    fitted = room.fitted(asked)
    assert fitted is not None and fitted.request.prompt_tokens <= 512


def test_what_is_oldest_goes_before_what_is_largest() -> None:
    """Texts that the caller names as older give way in their order; the larger file stays whole."""
    first, second, file = lines(150, "first"), lines(150, "second"), lines(600, "file")
    asked = replace(request(file, first, second), older=(second, first))
    for missing, gone, kept in ((200, [second], [first, file]), (600, [second, first], [file])):
        after = shrunk(asked, asked.prompt_tokens - missing)
        assert after is not None
        text = after.request.messages[1]["content"]
        assert not any(each in text for each in gone) and all(each in text for each in kept)
    after = shrunk(asked, 1200)
    assert after is not None and file not in after.request.messages[1]["content"]
