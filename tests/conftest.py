"""What holds for all tests: nothing is judged by how busy the machine is, and the environment's programs come first.

A test project is checked with ``python3 -m pytest``: that is the Python which runs the tests, not the system's.
"""

import os
import sys
from pathlib import Path

from hypothesis import settings

os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
