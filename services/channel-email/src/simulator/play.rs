use tokio_util::sync::CancellationToken;
use weft_channel::{SimulationOptions, Turn, script::Line};
use weft_domain::Result;

use super::{Says, Simulator};

impl Simulator {
    /// Lets customers write, until stopped; after the first mail they quote what they answer.
    pub async fn play(&self, options: SimulationOptions, stop: CancellationToken) -> Result<()> {
        let say = |turn: Turn<'_>| {
            if let Some(says) = said(turn) {
                let address = format!("customer-{}@people.example", turn.customer);
                self.customer_says(&address, &turn.character.name, says);
            }
            Ok(())
        };
        options.play("email", stop, say).await
    }
}

fn said(turn: Turn<'_>) -> Option<Says> {
    let (words, file) = match turn.line {
        Line::Does(word) => return answered(word),
        Line::Shows(_) => (turn.line.in_words()?, Some("scan.pdf")),
        Line::Sends(_) => (turn.line.in_words()?, Some("invoice-4421.pdf")),
        other => (other.in_words()?, None),
    };
    Some(Says {
        subject: turn.is_first.then(|| subject(&words)),
        html: file.map(|_| format!("<p>{}</p>", ammonia::clean_text(&words))),
        file: file.map(str::to_owned),
        text: words,
        quotes: true,
        ..Says::default()
    })
}

/// What programs make of an answer.
fn answered(word: &str) -> Option<Says> {
    let (text, automatic) = match word {
        "out_of_office" => ("I am out of office until Monday and read my mail then.", true),
        "answer_without_references" => ("Sorry, that was my other program. All is well!", false),
        _ => return None,
    };
    Some(Says { text: text.to_owned(), automatic, without_references: !automatic, ..Says::default() })
}

/// The first sentence.
fn subject(words: &str) -> String {
    let end = |letter: char| ".!?。！？؟\n".contains(letter);
    words.split(end).next().unwrap_or_default().trim().to_owned()
}
