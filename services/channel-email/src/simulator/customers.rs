use mail_builder::{MessageBuilder, headers::raw::Raw};
use serde::Deserialize;

use super::{ADDRESS, Simulator};
use crate::mail::subject;

/// What a customer does.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Says {
    /// The words.
    pub text: String,
    /// A subject begins a new thread; without one the last mail of the account is answered.
    pub subject: Option<String>,
    /// It quotes what it answers.
    pub quotes: bool,
    /// A file comes along.
    pub file: Option<String>,
    /// A program answers: somebody is out of office.
    pub automatic: bool,
    /// The words come as HTML, too.
    pub html: Option<String>,
    /// The program leaves out what it answers, as some do: the address alone tells.
    pub without_references: bool,
}

impl Simulator {
    /// Lets somebody write to the account; gives the mail's id.
    pub fn customer_says(&self, address: &str, name: &str, says: Says) -> String {
        let (last, number) = {
            let mut state = self.world.lock();
            state.made += 1;
            (state.last.get(&address.to_lowercase()).cloned(), state.made)
        };
        let domain = address.rsplit_once('@').map_or("customers.example", |(_, domain)| domain);
        let id = format!("simulated-{number}-{}@{domain}", uuid::Uuid::now_v7().simple());
        let answered = last.filter(|_| says.subject.is_none());
        let subject = match (&says.subject, &answered) {
            (Some(subject), _) => subject.clone(),
            (None, Some(last)) => subject::answer(&last.subject),
            (None, None) => "A question".to_owned(),
        };
        let to =
            answered.as_ref().and_then(|last| last.reply_to.clone()).unwrap_or_else(|| ADDRESS.to_owned());
        let mut text = says.text.clone();
        if let Some(last) = answered.as_ref().filter(|_| says.quotes) {
            let quoted: Vec<String> = last.text.lines().map(|line| format!("> {line}")).collect();
            text =
                format!("{text}\n\nOn Thu, Jan 15, 2026 at 9:30 AM {ADDRESS} wrote:\n{}", quoted.join("\n"));
        }
        let mut mail = MessageBuilder::new()
            .message_id(id.clone())
            .from((name.to_owned(), address.to_owned()))
            .to(to)
            .subject(subject)
            .text_body(text);
        if let Some(last) = answered.filter(|_| !says.without_references) {
            let mut references = last.references;
            references.push(last.message_id.clone());
            mail = mail.in_reply_to(last.message_id).references(references);
        }
        if let Some(html) = says.html {
            mail = mail.html_body(html);
        }
        if let Some(file) = says.file {
            mail = mail.attachment("application/pdf", file, b"%PDF-1.4 simulated".to_vec());
        }
        if says.automatic {
            mail = mail.header("Auto-Submitted", Raw::new("auto-replied"));
        }
        self.deliver(ADDRESS, mail.write_to_vec().unwrap_or_default());
        id
    }
}
