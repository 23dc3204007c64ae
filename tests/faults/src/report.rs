use std::{fmt, time::Duration};

/// What a fault did.
#[derive(Clone, Debug)]
pub struct Report {
    /// The scenario.
    pub name: String,
    /// How many webhooks and commands were accepted.
    pub accepted: u64,
    /// Accepted and nowhere.
    pub lost: u64,
    /// There more than once.
    pub duplicated: u64,
    /// Not in its place.
    pub misordered: u64,
    /// Shown as "may or may not have arrived".
    pub unclear: u64,
    /// How long until everybody was served again; none: not within a minute.
    pub recovered_in: Option<Duration>,
}

impl Report {
    /// Whether the promise was kept.
    pub fn is_kept(&self) -> bool {
        (self.lost, self.duplicated, self.misordered) == (0, 0, 0) && self.recovered_in.is_some()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, accepted, lost, duplicated, misordered, unclear, recovered_in } = self;
        write!(f, "FAULT {name} accepted={accepted} lost={lost} duplicated={duplicated} ")?;
        write!(f, "misordered={misordered} unclear={unclear} recovered_in=")?;
        match recovered_in {
            Some(time) => write!(f, "{:.1}", time.as_secs_f64()),
            None => write!(f, "never"),
        }
    }
}
