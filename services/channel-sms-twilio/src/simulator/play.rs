use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use weft_channel::SimulationOptions;
use weft_domain::{Error, Result};

use super::{Content, Simulator};

/// Little talks with a plumber; every third customer is on WhatsApp.
const TALKS: [(&str, &[&str]); 3] = [
    (
        "Nadia",
        &["Hi, is somebody free this afternoon?", "The tap in the kitchen drips", "4 pm is fine, thanks!"],
    ),
    ("Jonas", &["Moin, die Heizung bleibt kalt", "Baujahr 2009, glaube ich", "Danke, bis morgen 👍"]),
    ("Inês", &["Olá, quanto custa a visita?", "É na Rua das Flores, 12", "Combinado, obrigada"]),
];

impl Simulator {
    /// Lets customers write, each through a little talk, again and again.
    pub async fn play(&self, options: SimulationOptions, stop: CancellationToken) -> Result<()> {
        let pause = Duration::try_from_secs_f64(1.0 / options.per_second)
            .ok()
            .filter(|pause| !pause.is_zero())
            .ok_or_else(|| Error::invalid_field("per_second", "it must be more than 0"))?;
        let mut ticks = interval(pause);
        // a busy machine catches up, so that the rate holds
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let customers = u64::from(options.customers.max(1));
        for number in 0..options.messages.unwrap_or(u64::MAX) {
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                _ = ticks.tick() => self.next_line(number % customers, number / customers)?,
            }
        }
        Ok(())
    }

    fn next_line(&self, customer: u64, turn: u64) -> Result<()> {
        let index = usize::try_from(customer).unwrap_or_default();
        let Some((name, lines)) = TALKS.iter().cycle().nth(index % TALKS.len()) else { return Ok(()) };
        let is_whatsapp = customer % 3 == 2;
        let address = format!("{}+1202556{customer:04}", if is_whatsapp { "whatsapp:" } else { "" });
        if turn == 0 {
            self.add_customer(&address, name);
        }
        let turn = usize::try_from(turn).unwrap_or_default() % (lines.len() + 1);
        let content = match lines.get(turn) {
            Some(line) => Content::Text((*line).to_owned()),
            None => Content::Picture("Here it is".to_owned()),
        };
        self.customer_says(&address, content).map(drop)
    }
}
