"""The input of the kill matrix: a register of three plants as a first file knows it, and a second file in which most of
it comes again, some rows are changed or gone, and many are new. The same seed and day give the same files."""
import csv
import datetime
import os
import random

HERE = os.path.dirname(os.path.abspath(__file__))
MAPPING = os.path.join(HERE, "scenario.map")
COLUMNS = ("no", "kind", "plant", "workshop", "line", "at", "day", "id", "job", "person", "trainer", "n", "m", "text")
DAYS = 30
PLANTS = ("K1", "K2", "K3")
# (workshop, line)
LINES = (("W1", "L1"), ("W1", "L2"), ("W2", "L3"), ("W2", "L4"))
JOBS_PER_LINE = 3
PEOPLE, TRAINERS = 60, 4
# Per plant; the rest of a kind's chain follows from it.
ERRORS, HAZARDS, PROPOSALS, SESSIONS, SKILLS, REVISIONS, INCIDENTS = 1500, 550, 550, 1000, 600, 120, 100
BASE_SHARE, CHANGED, GONE, COPIED = 0.12, 0.15, 0.04, 0.02
# Kinds of which a row may change or vanish without making others invalid.
CHANGEABLE = ("hours", "output", "error", "hazard", "proposal", "session", "incident")


class Scenario:
    def __init__(self, seed, today):
        self.random = random.Random(seed)
        self.first = today - datetime.timedelta(days=DAYS)
        self.rows = []
        for plant in PLANTS:
            self._register(plant)
        registers = len(self.rows)
        for plant in PLANTS:
            self._history(plant)
        history = self.rows[registers:]
        self.random.shuffle(history)
        known = self.rows[:registers] + history[:int(len(history) * BASE_SHARE)]
        new = history[int(len(history) * BASE_SHARE):]
        self.base = known
        again = [self._changed(row) for row in known if row["kind"] not in CHANGEABLE or self.random.random() >= GONE]
        copies = [dict(row, no=f"copy-{row['no']}") for row in known
                  if row["kind"] in ("hazard", "proposal", "error") and self.random.random() < COPIED]
        self.full = again + copies + new
        self.random.shuffle(self.full)

    def write(self, folder):
        """Paths of the first file and of the second."""
        paths = []
        for name, rows in (("base.csv", self.base), ("full.csv", self.full)):
            paths.append(os.path.join(folder, name))
            with open(paths[-1], "w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, COLUMNS, restval="")
                writer.writeheader()
                writer.writerows(rows)
        return paths

    def _add(self, kind, plant, **cells):
        self.rows.append({"no": f"{kind}-{len(self.rows)}", "kind": kind, "plant": plant, **cells})

    def _register(self, plant):
        first = self.first.isoformat()
        self._add("unit", plant, id=plant, text="plant", day=first)
        for workshop in ("W1", "W2"):
            self._add("unit", plant, id=workshop, text="workshop", job=plant, day=first)
        for workshop, line in LINES:
            self._add("unit", plant, id=line, text="line", job=workshop, day=first)
            for job in self._jobs(line):
                self._add("job", plant, workshop=workshop, line=line, job=f"{plant}-{job}", day=first, n=2)
        # K3 has no calendar: UTC dates.
        zone = {"K1": "Asia/Shanghai", "K2": "America/Chicago"}.get(plant)
        for code, begin, end in (("D", "08:00", "20:00"), ("N", "20:00", "08:00")) if zone else ():
            self._add("shift", plant, id=1, text=zone, day=first, job=code, person=begin, trainer=end)
        for number in range(PEOPLE):
            workshop, line = LINES[number % len(LINES)]
            self._add("roster", plant, workshop=workshop, line=line, day=first, person=self._person(plant, number),
                      text="team_leader" if number < TRAINERS else "operator")
        for number in range(TRAINERS):
            self._add("trainer", plant, trainer=self._person(plant, number), day=first,
                      text=(self.first + datetime.timedelta(days=700)).isoformat())
        for day in range(DAYS):
            date = (self.first + datetime.timedelta(days=day)).isoformat()
            for workshop in ("W1", "W2"):
                self._add("hours", plant, workshop=workshop, day=date, n=self.random.randint(200, 260))

    def _history(self, plant):
        pick = self.random
        for day in range(DAYS):
            date = (self.first + datetime.timedelta(days=day)).isoformat()
            for workshop, line in LINES:
                for shift in "DN":
                    made = pick.randint(300, 500)
                    self._add("output", plant, workshop=workshop, line=line, day=date, id="P-1", text=shift, n=made,
                              m=made - pick.randint(0, 30))
        for number in range(ERRORS):
            self._at_job("error", plant, id=f"{plant}-E{number}",
                         text=pick.choice(("omitted_step", "wrong_part", "other")))
        for number in range(HAZARDS):
            hazard, found = f"{plant}-H{number}", self._time()
            self._add("hazard", plant, id=hazard, at=self._text(found), **self._line(),
                      text="major" if pick.random() < 0.1 else "general")
            due = found + datetime.timedelta(days=pick.randint(1, 20))
            self._add("decided", plant, id=hazard, at=self._text(found + datetime.timedelta(hours=5)),
                      day=due.date().isoformat(), person=self._person(plant, pick.randrange(PEOPLE)))
            if pick.random() < 0.8:
                done = min(found + datetime.timedelta(days=pick.randint(1, 25)), self._end())
                self._add("done", plant, id=hazard, at=self._text(done), day=done.date().isoformat())
        for number in range(PROPOSALS):
            proposal, written = f"{plant}-P{number}", self._time()
            self._add("proposal", plant, id=proposal, at=self._text(written), **self._line(),
                      person=self._person(plant, pick.randrange(PEOPLE)), text=pick.choice(("quality", "safety")))
            for kind, chance in (("screening", 1), ("approval", 0.7), ("implemented", 0.5)):
                written = min(written + datetime.timedelta(hours=pick.randint(1, 200)), self._end())
                if pick.random() < chance:
                    self._add(kind, plant, id=proposal, at=self._text(written), day=written.date().isoformat())
        for number in range(SESSIONS):
            self._at_job("session", plant, id=f"{plant}-S{number}", m=pick.randint(15, 90), n=pick.randint(1, 7),
                         text="pass" if pick.random() < 0.85 else "fail",
                         trainer=self._person(plant, pick.randrange(TRAINERS)),
                         person=self._person(plant, pick.randrange(TRAINERS, PEOPLE)))
        for _ in range(SKILLS):
            self._at_job("skill", plant, m=pick.randint(1, 4), n=pick.randint(1, 7),
                         trainer=self._person(plant, pick.randrange(TRAINERS)),
                         person=self._person(plant, pick.randrange(TRAINERS, PEOPLE)))
        jobs = [f"{plant}-{job}" for _, line in LINES for job in self._jobs(line)]
        for number in range(REVISIONS):
            self._add("revision", plant, job=jobs[number % len(jobs)], n=number // len(jobs) + 1,
                      at=self._text(self._time()))
        for number in range(INCIDENTS):
            self._add("incident", plant, id=f"{plant}-I{number}", at=self._text(self._time()), **self._line(),
                      n=pick.randint(1, 9), text=pick.choice(("near_miss", "near_miss", "first_aid", "injury")))

    def _changed(self, row):
        if row["kind"] not in CHANGEABLE or self.random.random() >= CHANGED:
            return row
        if "n" in row and row["kind"] in ("hours", "output"):
            return dict(row, n=row["n"] + self.random.randint(30, 90))
        if self.random.random() < 0.3:
            return dict(row, plant=self.random.choice([plant for plant in PLANTS if plant != row["plant"]]))
        return dict(row, at=self._text(self._time()))

    def _at_job(self, kind, plant, **cells):
        place = self._line()
        job = self.random.choice(self._jobs(place["line"]))
        self._add(kind, plant, at=self._text(self._time()), job=f"{plant}-{job}", **place, **cells)

    def _line(self):
        workshop, line = self.random.choice(LINES)
        return {"workshop": workshop, "line": line}

    @staticmethod
    def _jobs(line):
        return [f"{line}-J{number}" for number in range(JOBS_PER_LINE)]

    @staticmethod
    def _person(plant, number):
        return f"p-{plant}-{number:04}"

    def _end(self):
        return datetime.datetime.combine(self.first + datetime.timedelta(days=DAYS - 1), datetime.time(20))

    def _time(self):
        start = datetime.datetime.combine(self.first, datetime.time(8))
        # No two facts of one entity at one instant: then only the order of arrival would tell them apart.
        return start + datetime.timedelta(microseconds=self.random.randrange((DAYS - 2) * 86_400_000_000))

    @staticmethod
    def _text(time):
        return time.isoformat(timespec="microseconds") + "Z"
