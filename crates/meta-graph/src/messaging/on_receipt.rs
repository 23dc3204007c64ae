use weft_channel::{DeliveryReport, Event, Inbound, ReceiveError, Received, delivery_report::State};

use super::{
    inbound::Scene,
    wire::{Delivery, Read},
};
use crate::Stamp;

/// Messages of ours are with the contact: named, or else all up to a time.
pub(super) fn delivered(scene: &Scene, delivery: Delivery) -> Result<Received, ReceiveError> {
    let mids = delivery.mids.unwrap_or_default();
    if mids.is_empty() {
        return until(scene, "delivered", State::Delivered, delivery.watermark.as_ref());
    }
    let told = |mid: String| {
        let key = format!("{mid}:delivered");
        scene.event(key, Event::Report(report(mid, State::Delivered, false)))
    };
    let events: Vec<Inbound> = mids.into_iter().map(told).collect();
    Ok(Received { events, ..Received::default() })
}

/// The contact has read up to a message, or up to a time.
pub(super) fn read(scene: &Scene, receipt: Read) -> Result<Received, ReceiveError> {
    match receipt.mid {
        Some(mid) => {
            let key = format!("{mid}:read");
            Ok(Received::event(scene.event(key, Event::Report(report(mid, State::Read, true)))))
        }
        None => until(scene, "read", State::Read, receipt.watermark.as_ref()),
    }
}

fn until(
    scene: &Scene,
    kind: &str,
    state: State,
    watermark: Option<&Stamp>,
) -> Result<Received, ReceiveError> {
    let watermark =
        watermark.ok_or_else(|| ReceiveError { why: format!("it does not say what was {kind}") })?;
    let then = Scene { contact: scene.contact.clone(), at: watermark.time()?, ..*scene };
    Ok(Received::event(then.event(then.key(kind), Event::Report(report(String::new(), state, true)))))
}

fn report(id: String, state: State, up_to: bool) -> DeliveryReport {
    DeliveryReport { id, state: state.into(), up_to, ..DeliveryReport::default() }
}
