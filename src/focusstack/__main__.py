"""``python -m focusstack``."""

from focusstack.cli import main

raise SystemExit(main())
