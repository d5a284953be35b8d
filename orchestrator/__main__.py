"""``python -m orchestrator``: the same as the command ``orchestrator``."""

import sys

from orchestrator.main import main

sys.exit(main())
