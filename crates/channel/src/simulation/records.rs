use std::collections::VecDeque;

/// How many are kept.
const KEPT: usize = 50_000;

/// The last records of a kind, and how many there were in all.
#[derive(Clone, Debug)]
pub struct Records<T> {
    total: usize,
    last: VecDeque<T>,
}

impl<T> Records<T> {
    /// Adds one; the oldest goes when there are too many.
    pub fn push(&mut self, record: T) {
        self.total += 1;
        self.last.push_back(record);
        if self.last.len() > KEPT {
            self.last.pop_front();
        }
    }

    /// How many there were in all.
    pub fn total(&self) -> usize {
        self.total
    }

    /// Those still kept, the oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.last.iter()
    }

    /// The same, to change them.
    pub fn iter_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut T> {
        self.last.iter_mut()
    }
}

impl<T: Clone> Records<T> {
    /// Those still kept, the oldest first.
    pub fn all(&self) -> Vec<T> {
        self.last.iter().cloned().collect()
    }

    /// Those still kept, once there were so many in all.
    pub fn once(&self, count: usize) -> Option<Vec<T>> {
        (self.total >= count).then(|| self.all())
    }

    /// Those still kept of what came after the first `seen`, if something did; and how many there were in all.
    pub fn after(&self, seen: usize) -> Option<(Vec<T>, usize)> {
        let fresh = self.total.checked_sub(seen).filter(|count| *count > 0)?;
        let skipped = self.last.len().saturating_sub(fresh);
        Some((self.last.iter().skip(skipped).cloned().collect(), self.total))
    }
}

impl<T> Default for Records<T> {
    fn default() -> Self {
        Self { total: 0, last: VecDeque::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_are_kept_and_all_are_counted() {
        let mut records = Records::default();
        assert_eq!((records.after(0), records.once(1)), (None, None));
        (0..KEPT + 2).for_each(|number| records.push(number));
        assert_eq!((records.total(), records.all().len()), (KEPT + 2, KEPT));
        assert_eq!(records.iter().next(), Some(&2));
        assert_eq!(records.once(KEPT + 2).map(|all| all.len()), Some(KEPT));
        assert_eq!(records.after(KEPT), Some((vec![KEPT, KEPT + 1], KEPT + 2)));
        assert_eq!(records.after(0).map(|(kept, _)| kept.len()), Some(KEPT));
        assert_eq!(records.after(KEPT + 2), None);
    }
}
