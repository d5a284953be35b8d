"""What a few tests need that not every machine has; where it is missing, they are skipped and say so."""

import shutil

import pytest

go = pytest.mark.skipif(shutil.which("go") is None, reason="Go is not installed")
