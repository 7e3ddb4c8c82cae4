#!/usr/bin/env python3
"""ClickHouse's own clients, unmodified, against a warehouse of this build (tests/clients/run says what they do).

  clients_test.py BINARY
"""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../support"))
from product import Product  # noqa: E402


def main():
    product = Product(sys.argv[1])
    try:
        product.start_warehouse()
        url = f"http://127.0.0.1:{product.warehouse_port}"
        command = [os.path.join(HERE, "run"), "--warehouse", url, "--rows", "300000"]
        return subprocess.run(command, timeout=500).returncode
    finally:
        product.close(keep=False)


if __name__ == "__main__":
    sys.exit(main())
