use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use weft_channel::SimulationOptions;
use weft_domain::Error;

use super::{Says, Simulator};

const NAMES: [&str; 5] = ["Ana Souza", "Björn Ångström", "Chiara Bianchi", "Dmitri Волков", "Emeka Obi"];

/// What a customer goes through, one mail after the other; whoever has no answer yet begins anew.
const LINES: [fn() -> Says; 5] = [
    || Says {
        subject: Some("Order 4421 has not arrived".to_owned()),
        text: "Hello,\n\nmy order 4421 should have been here on Monday. Where is it?\n\nThank you!"
            .to_owned(),
        ..Says::default()
    },
    || Says { text: "That was quick. I look forward to it.".to_owned(), quotes: true, ..Says::default() },
    || Says {
        text: "Here is the invoice that came with it.".to_owned(),
        file: Some("invoice-4421.pdf".to_owned()),
        html: Some("<p>Here is the <b>invoice</b> that came with it.</p>".to_owned()),
        ..Says::default()
    },
    || Says {
        text: "I am out of office until Monday and read my mail then.".to_owned(),
        automatic: true,
        ..Says::default()
    },
    || Says {
        text: "Sorry, that was my other program. All is well!".to_owned(),
        without_references: true,
        ..Says::default()
    },
];

impl Simulator {
    /// Lets customers write, each through a little correspondence, again and again.
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
        let nth = |number: u64, of: usize| usize::try_from(number).unwrap_or_default() % of;
        let name = NAMES.get(nth(customer, NAMES.len())).copied().unwrap_or_default();
        let address = format!("customer-{customer}@people.example");
        if let Some(line) = LINES.get(nth(turn, LINES.len())) {
            self.customer_says(&address, name, line());
        }
    }
}
