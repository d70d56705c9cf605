"""Records a Python example: `python record.py MODULE URL`, where URL is an OTLP/HTTP receiver's address with its path."""

import importlib
import sys

from telemetry import start_telemetry


def main():
    if len(sys.argv) != 3:
        sys.exit("Usage: python record.py MODULE URL")
    module, url = sys.argv[1:]
    provider = start_telemetry(module.replace("_", "-"), url)
    importlib.import_module(module).main()
    provider.shutdown()


main()
