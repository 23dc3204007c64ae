use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use weft_channel::SimulationOptions;
use weft_domain::Error;

use super::{Says, Simulator};

const NAMES: [&str; 5] = ["Олена", "Иван", "Grace", "Тарас", "Νίκος"];

/// What a customer goes through, one after the other.
const LINES: [fn() -> Says; 6] = [
    || Says::Opens("shop".to_owned()),
    || Says::Text("Добрий день! Чи можна змінити адресу доставки?".to_owned()),
    || Says::Picture("Here is the label".to_owned()),
    || Says::Location(50.450_1, 30.523_4),
    || Says::Text("Order 3150".to_owned()),
    || Says::Sticker(46_105),
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
        let user = format!("{customer:011}=");
        let nth = |number: u64, of: usize| usize::try_from(number).unwrap_or_default() % of;
        if let (0, Some(name)) = (turn, NAMES.get(nth(customer, NAMES.len()))) {
            self.add_customer(&user, name);
        }
        if let Some(line) = LINES.get(nth(turn, LINES.len())) {
            self.customer_says(&user, line());
        }
    }
}
