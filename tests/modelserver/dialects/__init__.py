"""Kinds of servers that speak the OpenAI wire, each with its own errors, fields, pages and way with long prompts."""

from tests.modelserver.dialects.llama_server import LlamaServer
from tests.modelserver.dialects.lmstudio import LMStudio
from tests.modelserver.dialects.ollama import Ollama
from tests.modelserver.dialects.openai import Dialect, Offered
from tests.modelserver.dialects.vllm import VLLM

DIALECTS: dict[str, Dialect] = {each.name: each for each in (Dialect(), Ollama(), LMStudio(), LlamaServer(), VLLM())}
"""The kinds of servers that can be played, by name."""

__all__ = ["DIALECTS", "Dialect", "Offered"]
