#!/usr/bin/env python3
"""The board in Debian's Chromium against the real product with sample data: starts everything, simulates two
plants, runs board.test.mjs.

  e2e_test.py BINARY
"""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests/support"))
from product import Product  # noqa: E402


def main():
    subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--silent"], cwd=HERE, check=True)
    pages = os.path.join(ROOT, "dashboards/web/dist")
    if not os.path.exists(os.path.join(pages, "index.html")):
        print("dashboards/web is not built: npm ci && npm run build there")
        return 1
    with Product(sys.argv[1], settings=["deployment.simulated=true", f"gateway.dashboards_path={pages}"]) as product:
        print(product.yokoten("simulate", "--plants=2", "--months=14", "--seed=7", "--wait", timeout=400))
        environment = dict(os.environ, YOKOTEN_URL=f"http://127.0.0.1:{product.http_port}")
        return subprocess.run(["node", "--test", "board.test.mjs"], cwd=HERE, env=environment, timeout=900).returncode


if __name__ == "__main__":
    sys.exit(main())
