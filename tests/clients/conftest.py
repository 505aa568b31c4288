"""What lies here are programs of their own, each for an environment of its own; pytest reads none of them."""

collect_ignore_glob = ["*.py"]
