"""`python -m ni_contract` is `ni-contract`."""

from ni_contract.cli import main

raise SystemExit(main())
