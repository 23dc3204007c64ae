use chrono::Utc;
use uuid::Uuid;
use weft_bus::{Event, Stream};
use weft_proto::{
    directory::v1::{Account, Channel},
    events::v1::ChannelUpdated,
    json,
};

use crate::rig::Rig;

impl Rig {
    /// Changes the channel, as somebody does in the directory.
    pub(crate) async fn change_channel(&self, change: impl FnOnce(&mut Account)) {
        {
            let mut accounts = self.directory.accounts.lock().unwrap();
            let account = accounts.get_mut(&self.channel.to_string()).unwrap();
            change(account);
            account.version += 1;
        }
        let channel = Channel { id: self.channel.to_string(), kind: "webchat".into(), ..Channel::default() };
        let event = Event {
            id: Uuid::now_v7().to_string(),
            kind: "weft.v1.channel.updated".into(),
            source: "/directory".into(),
            subject: format!("weft.events.{}.channel.updated", self.tenant),
            key: String::new(),
            tenant: Some(self.tenant.to_string()),
            time: Utc::now(),
            traceparent: None,
            tracestate: None,
            data: json::encode(&ChannelUpdated { channel: Some(channel) }).unwrap(),
        };
        self.bus.publish(Stream::Events, event).await.unwrap();
    }
}
