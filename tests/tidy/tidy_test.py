#!/usr/bin/env python3
"""Every rule of tidy.py refuses its bad sample and accepts its good one, so no rule can go blind unnoticed."""
import unittest

import tidy

ROOMS = {
    "services/lib/base/CMakeLists.txt": "yokoten_room(NAME base LAYER 0 SRCS a.cc)\n",
    "services/lib/kafka/CMakeLists.txt": "yokoten_room(NAME kafka LAYER 2 SRCS a.cc\n  DEPS base LIBS X::rdkafka)\n",
    "services/lib/http/CMakeLists.txt": "yokoten_room(NAME http LAYER 2 SRCS a.cc DEPS base)\n",
    "services/gateway/CMakeLists.txt": "yokoten_room(NAME gateway LAYER 4 SRCS a.cc DEPS kafka PCH)\n",
}


def cc(body):
    return "// A sample.\n" + body + "\n"


# rule -> (trees it must refuse, trees it must accept)
SAMPLES = {
    "include_arrows": (
        [ROOMS | {"services/lib/kafka/a.cc": cc('#include "http/server.h"')},
         ROOMS | {"services/lib/base/a.h": cc('#include "kafka/producer.h"')},
         ROOMS | {"services/lib/kafka/deep/a.cc": cc('#include "gateway/server.h"')}],
        [ROOMS | {"services/gateway/a.cc": cc('#include "base/status.h"\n#include "kafka/producer.h"')},
         ROOMS | {"services/lib/kafka/a.cc": cc('#include "kafka/b.h"\n#include <string>')}]),
    "neighbours": (
        [{"services/insight/a.cc": cc("#include <librdkafka/rdkafka.h>")},
         {"services/lib/kafka/a.cc": cc("#include <curl/curl.h>")},
         {"services/gateway/a.h": cc("#include <boost/beast/http.hpp>")},
         {"services/lib/http/a.cc": cc("void* f() { return dlopen(path, 0); }")}],
        [{"services/lib/kafka/a.cc": cc("#include <librdkafka/rdkafka.h>"),
          "services/warehouse/a.cc": cc("auto* f = dlopen(path, RTLD_NOW);"),
          "services/lib/http/a.cc": cc("// unlike dlopen(x)")}]),
    "banned_calls": (
        [{"services/lib/base/a.cc": cc("int x = std::rand();")},
         {"services/lib/base/a_test.cc": cc("std::this_thread::sleep_for(1ms);")},
         {"tests/integration/a.cc": cc("usleep(10);")},
         {"services/insight/a.cc": cc('printf("x");')},
         {"services/insight/a.cc": cc("std::cerr << 1;")},
         {"services/insight/a.cc": cc("auto t = std::chrono::system_clock::now();")},
         {"services/insight/a.cc": cc('throw std::runtime_error("x");')},
         {"services/insight/a.cc": cc("using namespace std;")},
         {"services/lib/kpi/definitions/a.sql": "SELECT now() AS t\n"},
         {"services/lib/clickhouse/a.cc": cc('run("DROP TABLE t SYNC");')}],
        [{"services/cli/a.cc": cc('std::cout << "ok"; printf("x");'),
          "services/lib/base/clock.cc": cc("return std::chrono::system_clock::now();"),
          "services/insight/a.cc": cc('// never sleep(1)\nlog("throw it, printf(x)"); snprintf(b, n); clock.now();\n'
                                      'c.set_deadline(std::chrono::system_clock::now() + 1s);'),
          "services/lib/kpi/definitions/a.sql": "-- not now()\nSELECT known() FROM s\n"}]),
    "line_length": ([{"services/a.cc": cc("x" * 121)}],
                    [{"services/a.cc": cc("x" * 120), "a.md": "y" * 500 + "\n"}]),
    "white_space": ([{"a.cc": "// x"}, {"a.cc": "// x \n"}, {"a.cc": "\tx;\n"}],
                    [{"a.cc": "// x\n", "Makefile": "\tx\n"}]),
    "file_length": ([{"a.cc": "x\n" * 601}], [{"a.cc": "x\n" * 600, "a.csv": "x\n" * 9000}]),
    "opening_words": ([{"services/a.h": "#pragma once\n"}, {"a.proto": 'syntax = "proto3";\n'}],
                      [{"services/a.h": cc("#pragma once"), "services/a.cc": '#include "a.h"\n'}]),
    "unfinished": ([{"a.cc": cc("// TODO: later")}, {"a.md": "FIXME\n"}], [{"a.cc": cc("int todo_count;")}]),
    "machine_names": ([{"a.sh": "cd /work/x\n"}, {"a.json": '{ "resolved": "x" }\n'},
                       {"a.md": "see registry.npmjs.org\n"},
                       {"a.cc": cc('open("/home/me/x");')}],
                      [{"a.sh": 'cd "$HOME/work/x" build/work/y\n', "a.cc": cc("include/root/x")}]),
    "scripts": ([{"a": "#!/bin/bash\nset -euo pipefail\n"}, {"a": "#!/usr/bin/env bash\n# What.\necho\n"}],
                [{"a": "#!/usr/bin/env bash\n# What.\nset -euo pipefail\n"}]),
    "room_readmes": ([ROOMS], [{"services/lib/base/CMakeLists.txt": ROOMS["services/lib/base/CMakeLists.txt"],
                                "services/lib/base/README.md": "x\n"}]),
    "links": ([{"docs/a.md": "[x](b.md)\n"}, {"README.md": "[x](docs/none/)\n"}],
              [{"docs/a.md": "[x](b.md#part) [y](../services/) [z](https://example.com)\n`[q](none)`\n",
                "docs/b.md": "x\n", "services/x": "x\n"}]),
    "runbooks": ([{"services/lib/base/error_ids.h": cc('inline constexpr char kA[] = "kafka-away";')},
                  {"deploy/prometheus/a.yml": "  - alert: LagHigh\n"},
                  {"deploy/prometheus/a.yml": "- alert: A\n",
                   "docs/runbooks/A.md": "", "docs/runbooks/dead.md": "x\n"}],
                 [{"services/lib/base/error_ids.h": cc('inline constexpr char kA[] = "kafka-away";'),
                   "docs/runbooks/kafka-away.md": "x\n", "docs/runbooks/README.md": "x\n"}]),
    "targets": ([ROOMS | {"services/main.cc": cc('{{"gateway", "HTTP", "x"},\n  {"insight", "gRPC"}}')},
                 ROOMS | {"services/main.cc": cc('{"all", "x"}')}],
                [ROOMS | {"services/main.cc": cc('  {"gateway", "HTTP", 1},')},
                 ROOMS | {"services/main.cc": cc("int main() {}")}]),
    "changelog": ([{"CHANGELOG.md": "## 1\n### Fixed\n"}], [{"CHANGELOG.md": "## 1\n### Safety\n"}]),
}


class TidyTest(unittest.TestCase):
    def test_every_rule_has_samples(self):
        self.assertEqual({r.__name__ for r in tidy.RULES}, set(SAMPLES))

    def test_every_rule_refuses_its_bad_samples(self):
        for function in tidy.RULES:
            for number, files in enumerate(SAMPLES[function.__name__][0]):
                with self.subTest(rule=function.__name__, sample=number):
                    self.assertTrue(list(function(tidy.Tree(files))))

    def test_every_rule_accepts_its_good_samples(self):
        for function in tidy.RULES:
            for files in SAMPLES[function.__name__][1]:
                with self.subTest(rule=function.__name__):
                    self.assertEqual([str(f) for f in function(tidy.Tree(files))], [])

    def test_cmake_arguments_are_read_over_several_lines(self):
        calls = list(tidy.cmake_calls("yokoten_room(NAME x LAYER 2\n  DEPS a b # c\n  LIBS Y::z PCH)", "yokoten_room"))
        self.assertEqual(calls, [{"NAME": ["x"], "LAYER": ["2"], "DEPS": ["a", "b"], "LIBS": ["Y::z"], "PCH": []}])


if __name__ == "__main__":
    unittest.main()
