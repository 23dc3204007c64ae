use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard},
    time::Instant,
};

use uuid::Uuid;

/// Everything that was accepted in one run, by customer and way, and when it was seen (TS-1).
pub(crate) struct Ledger {
    run: String,
    lines: Mutex<HashMap<Line, Vec<Entry>>>,
    /// Events that came a second time over the socket.
    repeated: Mutex<u64>,
}

/// One customer's messages in one direction: each is sent when the one before was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Line {
    pub(crate) way: Way,
    pub(crate) customer: usize,
}

/// Which way messages go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Way {
    /// From the customer.
    In,
    /// From an agent.
    Out,
}

#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    accepted: Option<Instant>,
    seen: Option<Instant>,
}

/// How a row of numbers differs from 1, 2, 3 …, given how many were accepted; one more may be there, whose answer was lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) lost: u64,
    pub(crate) duplicated: u64,
    pub(crate) misordered: u64,
}

impl Ledger {
    pub(crate) fn new() -> Self {
        let run = Uuid::new_v4().simple().to_string();
        Self { run, lines: Mutex::default(), repeated: Mutex::default() }
    }

    /// Words that nobody else writes.
    pub(crate) fn text(&self, line: Line, number: usize) -> String {
        let way = if line.way == Way::In { "in" } else { "out" };
        format!("{way} {} {} {number}", self.run, line.customer)
    }

    /// Reads what [`Ledger::text`] has written in this run.
    pub(crate) fn read(&self, text: &str) -> Option<(Line, usize)> {
        let mut words = text.split(' ');
        let way = match words.next()? {
            "in" => Way::In,
            "out" => Way::Out,
            _ => return None,
        };
        (words.next()? == self.run).then_some(())?;
        Some((Line { way, customer: words.next()?.parse().ok()? }, words.next()?.parse().ok()?))
    }

    pub(crate) fn accept(&self, line: Line, number: usize) {
        self.change(line, number, |entry| entry.accepted = Some(Instant::now()));
    }

    /// Notes an event of the socket.
    pub(crate) fn see(&self, text: &str) {
        let Some((line, number)) = self.read(text) else { return };
        self.change(line, number, |entry| {
            if entry.seen.replace(Instant::now()).is_some() {
                *self.repeated.lock().unwrap() += 1;
            }
        });
    }

    fn change(&self, line: Line, number: usize, change: impl FnOnce(&mut Entry)) {
        let mut lines = self.lock();
        let entries = lines.entry(line).or_default();
        if entries.len() < number {
            entries.resize(number, Entry::default());
        }
        change(&mut entries[number - 1]);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Line, Vec<Entry>>> {
        self.lines.lock().unwrap()
    }

    /// How many of a line were accepted; they are the first ones.
    pub(crate) fn accepted(&self, line: Line) -> usize {
        self.lock().get(&line).map_or(0, |entries| entries.iter().filter(|it| it.accepted.is_some()).count())
    }

    pub(crate) fn all_accepted(&self) -> u64 {
        let lines = self.lock();
        let accepted = lines.values().flatten().filter(|entry| entry.accepted.is_some());
        u64::try_from(accepted.count()).unwrap()
    }

    pub(crate) fn repeated(&self) -> u64 {
        *self.repeated.lock().unwrap()
    }

    /// How many were accepted and not yet seen on the socket.
    pub(crate) fn unseen(&self) -> usize {
        let lines = self.lock();
        lines.values().flatten().filter(|entry| entry.accepted.is_some() && entry.seen.is_none()).count()
    }

    /// Some of those, in words.
    pub(crate) fn unseen_words(&self) -> Vec<String> {
        let lines = self.lock();
        let all = lines.iter().flat_map(|(line, entries)| {
            let unseen = |entry: &Entry| entry.accepted.is_some() && entry.seen.is_none();
            let numbers = (1..).zip(entries).filter(move |(_, entry)| unseen(entry));
            numbers.map(move |(number, _)| format!("{line:?} {number} of {}", entries.len()))
        });
        all.take(20).collect()
    }

    /// When each customer had a message on the socket that was accepted after `since`: the last of these moments.
    pub(crate) fn recovered(&self, since: Instant, customers: usize) -> Option<Instant> {
        let lines = self.lock();
        let first_seen = |customer| {
            let entries = lines.get(&Line { way: Way::In, customer })?;
            let after =
                entries.iter().filter(|entry| entry.accepted.is_some_and(|accepted| accepted > since));
            after.filter_map(|entry| entry.seen).min()
        };
        (0..customers).map(first_seen).collect::<Option<Vec<_>>>()?.into_iter().max()
    }
}

impl Verdict {
    pub(crate) fn of(row: &[usize], accepted: usize) -> Self {
        let mut times: HashMap<usize, u64> = HashMap::new();
        row.iter().for_each(|number| *times.entry(*number).or_default() += 1);
        let lost = (1..=accepted).filter(|number| !times.contains_key(number)).count();
        let misordered = row.windows(2).filter(|pair| pair[1] < pair[0]).count();
        Self {
            lost: u64::try_from(lost).unwrap(),
            duplicated: times.values().map(|times| times - 1).sum(),
            misordered: u64::try_from(misordered).unwrap(),
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.lost += other.lost;
        self.duplicated += other.duplicated;
        self.misordered += other.misordered;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_doubled_and_out_of_place_is_counted() {
        let verdict = |row: &[usize], accepted| {
            let Verdict { lost, duplicated, misordered } = Verdict::of(row, accepted);
            (lost, duplicated, misordered)
        };
        assert_eq!(verdict(&[1, 2, 3], 3), (0, 0, 0));
        assert_eq!(verdict(&[1, 2, 3, 4], 3), (0, 0, 0), "the answer to the last one was lost");
        assert_eq!(verdict(&[1, 3], 3), (1, 0, 0));
        assert_eq!(verdict(&[1, 2, 2, 3], 3), (0, 1, 0));
        assert_eq!(verdict(&[1, 3, 2], 3), (0, 0, 1));
        assert_eq!(verdict(&[], 2), (2, 0, 0));
    }

    #[test]
    fn a_run_has_recovered_when_every_customer_is_heard_again() {
        let ledger = Ledger::new();
        let line = |customer| Line { way: Way::In, customer };
        let say = |customer, number| {
            ledger.accept(line(customer), number);
            ledger.see(&ledger.text(line(customer), number));
        };
        say(0, 1);
        say(1, 1);
        let since = Instant::now();
        assert_eq!(ledger.recovered(since, 2), None);
        say(0, 2);
        assert_eq!(ledger.recovered(since, 2), None);
        say(1, 2);
        assert!(ledger.recovered(since, 2).unwrap() > since);
        assert_eq!((ledger.all_accepted(), ledger.unseen(), ledger.repeated()), (4, 0, 0));
        assert_eq!(ledger.read(&Ledger::new().text(line(0), 1)), None, "another run's");
    }
}
