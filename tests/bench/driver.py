"""A measuring program that stays: it makes its world once and measures what each line it is given names."""
import json
import select
import subprocess
import tempfile
import time

from figure import Wrong


class Driver:
    """A context manager. The program prints a line of JSON when its world is there, and one for each measurement."""

    def __init__(self, program, *arguments, world_timeout=900, timeout=600):
        self.command = [program, *map(str, arguments)]
        self.world_timeout, self.timeout = world_timeout, timeout
        self.process = self.words = None

    def __enter__(self):
        self.words = tempfile.TemporaryFile()
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.words,
                                        bufsize=0)
        try:
            self._line(self.world_timeout)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.words.close()

    def ask(self, what):
        """What the program measured, as it printed it. Raises Wrong with its own words when it ended instead."""
        self.process.stdin.write(what.encode() + b"\n")
        self.process.stdin.flush()
        return self._line(self.timeout)

    def _line(self, timeout):
        # Lines of the rooms' log stand between: measurements are the objects.
        ends = time.monotonic() + timeout
        while time.monotonic() < ends:
            if not select.select([self.process.stdout], [], [], ends - time.monotonic())[0]:
                break
            line = self.process.stdout.readline()
            if not line:
                self.process.wait()
                self.words.seek(0)
                words = self.words.read().decode(errors="replace").strip()
                raise Wrong(f"{self.command[0]} ended with {self.process.returncode}: {words[-2000:]}")
            if line.startswith(b"{"):
                return json.loads(line)
        raise Wrong(f"{self.command[0]} did not answer within {timeout} s")
