use weft_channel::{DeliveryReport, Event, ReceiveError, Received, delivery_report::State, inbound};

use super::Context;
use crate::wire::ReadReceipt;

impl Context<'_> {
    /// The person has read up to a message; other events are not about messages.
    pub(super) fn read_receipt(&self) -> Result<Received, ReceiveError> {
        let value = self.activity.value.as_ref();
        let is_receipt = self.activity.name.as_deref() == Some("application/vnd.microsoft.readReceipt");
        let Some(value) = value.filter(|_| is_receipt) else {
            return Ok(Received::ignored("other_event", "this kind of event is not for conversations"));
        };
        let receipt: ReadReceipt = inbound::read(value)?;
        let report = DeliveryReport {
            id: self.message_id(&receipt.last_read_message_id),
            state: State::Read.into(),
            up_to: true,
            ..DeliveryReport::default()
        };
        self.event(&receipt.last_read_message_id, Event::Report(report)).map(Received::event)
    }
}
