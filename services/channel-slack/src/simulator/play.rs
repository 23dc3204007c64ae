use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use weft_channel::SimulationOptions;
use weft_domain::Error;

use super::{Says, Simulator};

const NAMES: [&str; 5] = ["Ada Example", "Somchai", "Grace", "Zoë", "陳怡君"];

/// What a person goes through, one after the other.
const LINES: [fn() -> Says; 6] = [
    || Says::Text("Hello, the teapot of order 4421 has not come. :thinking_face:".to_owned()),
    || Says::File,
    || Says::Text("Could you look at <https://example.com/orders/4421|my order>?".to_owned()),
    || Says::Mention("can somebody help me?".to_owned()),
    || Says::Channel("Does anybody know when the office opens?".to_owned()),
    || Says::Text("Thank you :+1::skin-tone-4:".to_owned()),
];

impl Simulator {
    /// Lets people write, each through a little dialogue, again and again.
    pub async fn play(&self, options: SimulationOptions, stop: CancellationToken) -> Result<(), Error> {
        let pause = Duration::try_from_secs_f64(1.0 / options.per_second)
            .ok()
            .filter(|pause| !pause.is_zero())
            .ok_or_else(|| Error::invalid_field("per_second", "it must be more than 0"))?;
        let mut ticks = interval(pause);
        // a busy machine catches up, so that the rate holds
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let people = u64::from(options.customers.max(1));
        for number in 0..options.messages.unwrap_or(u64::MAX) {
            if stop.run_until_cancelled(ticks.tick()).await.is_none() {
                return Ok(());
            }
            self.next_line(number % people, number / people);
        }
        Ok(())
    }

    fn next_line(&self, person: u64, turn: u64) {
        let user = format!("U0SIM{person:05}");
        let nth = |number: u64, of: usize| usize::try_from(number).unwrap_or_default() % of;
        if let (0, Some(name)) = (turn, NAMES.get(nth(person, NAMES.len()))) {
            self.add_person(&user, name);
        }
        if let Some(line) = LINES.get(nth(turn, LINES.len())) {
            self.customer_says(&user, line());
        }
    }
}
