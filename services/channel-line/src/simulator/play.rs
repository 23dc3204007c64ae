use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use weft_channel::SimulationOptions;
use weft_domain::Error;

use super::{Says, Simulator};

const NAMES: [&str; 5] = ["さくら", "Somchai", "陳怡君", "Grace", "健太"];

/// What a customer goes through, one after the other.
const LINES: [fn() -> Says; 6] = [
    || Says::Follow,
    || Says::Text("こんにちは。注文番号4421の急須がまだ届きません。".to_owned()),
    || Says::Image,
    || Says::Text("Could you look where it is?".to_owned()),
    || Says::Location(35.679_66, 139.736_69),
    || Says::Sticker(vec!["thank you".to_owned(), "bow".to_owned()]),
];

impl Simulator {
    /// Lets customers write, each through a little dialogue, again and again.
    pub async fn play(&self, options: SimulationOptions, stop: CancellationToken) -> Result<(), Error> {
        let pause = Duration::try_from_secs_f64(1.0 / options.per_second)
            .ok()
            .filter(|pause| !pause.is_zero())
            .ok_or_else(|| Error::invalid_field("per_second", "it must be more than 0"))?;
        let mut ticks = interval(pause);
        // a busy machine catches up, so that the rate holds
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let customers = u64::from(options.customers.max(1));
        for number in 0..options.messages.unwrap_or(u64::MAX) {
            if stop.run_until_cancelled(ticks.tick()).await.is_none() {
                return Ok(());
            }
            self.next_line(number % customers, number / customers);
        }
        Ok(())
    }

    fn next_line(&self, customer: u64, turn: u64) {
        let user = format!("U{customer:032x}");
        let nth = |number: u64, of: usize| usize::try_from(number).unwrap_or_default() % of;
        if let (0, Some(name)) = (turn, NAMES.get(nth(customer, NAMES.len()))) {
            self.add_customer(&user, name);
        }
        if let Some(line) = LINES.get(nth(turn, LINES.len())) {
            self.customer_says(&user, line());
        }
    }
}
