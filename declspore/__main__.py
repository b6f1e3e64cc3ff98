"""``python -m declspore``"""

from declspore.cli import main

main()
