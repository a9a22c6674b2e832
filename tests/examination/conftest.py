"""The oracles beside these tests are plain modules; importlib mode alone would not find them."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
