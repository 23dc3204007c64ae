/// What one kind of customer goes through.
pub(super) struct Dialogue {
    pub(super) language: &'static str,
    pub(super) names: &'static [&'static str],
    pub(super) lines: &'static [Line],
}

/// One thing a customer does.
pub(super) enum Line {
    Start,
    Says(&'static str),
    /// A picture.
    Shows(&'static str),
    /// A file.
    Sends(&'static str),
    /// A recorded message.
    Speaks,
    /// A place, in degrees.
    IsAt(f64, f64),
}

use Line::{IsAt, Says, Sends, Shows, Speaks, Start};

/// Little dialogues of a shop for kitchen things; some customers ask two things, some say thanks twice.
pub(super) const DIALOGUES: &[Dialogue] = &[
    Dialogue {
        language: "en",
        names: &["Grace", "Oliver", "Priya", "Tom"],
        lines: &[
            Start,
            Says("Hi, my kettle arrived today but the lid is cracked"),
            Shows("This is how it looks"),
            Says("Order 1042, I think"),
            Says("Could you send just the lid?"),
            Says("Perfect, thank you! 🙏"),
        ],
    },
    Dialogue {
        language: "de",
        names: &["Jürgen", "Anneliese", "Mehmet"],
        lines: &[
            Says("Guten Tag, wann kommt meine Bestellung?"),
            Says("Bestellnummer 2077, sie sollte gestern da sein"),
            Sends("Hier die Rechnung dazu"),
            Says("Können Sie auch an einen Abholort liefern?"),
            IsAt(52.520_01, 13.404_95),
            Says("Super, danke schön!"),
        ],
    },
    Dialogue {
        language: "es",
        names: &["Lucía", "Mateo"],
        lines: &[
            Start,
            Says("Hola, ¿tenéis la tetera azul en stock?"),
            Says("La de litro y medio"),
            Speaks,
            Says("Vale, entonces me quedo con la roja"),
            Says("¡Muchas gracias!"),
        ],
    },
    Dialogue {
        language: "fr",
        names: &["Amélie", "Karim"],
        lines: &[
            Says("Bonjour, je voudrais retourner un article"),
            Shows("Il n’a jamais servi"),
            Says("Où dois-je l’envoyer ?"),
            Says("D’accord, merci et bonne journée"),
        ],
    },
    Dialogue {
        language: "uk",
        names: &["Олена", "Тарас"],
        lines: &[
            Says("Добрий день! Чи можна змінити адресу доставки?"),
            IsAt(50.450_1, 30.523_4),
            Says("Замовлення 3150"),
            Says("Дякую 🌻"),
        ],
    },
    Dialogue {
        language: "ja",
        names: &["さくら", "健太"],
        lines: &[
            Says("こんにちは。注文した急須がまだ届きません。"),
            Says("注文番号は4421です"),
            Says("わかりました。ありがとうございます！"),
        ],
    },
    Dialogue {
        language: "ar",
        names: &["ليلى", "يوسف"],
        lines: &[Start, Says("مرحبا، هل التوصيل مجاني؟"), Says("أريد إبريقين من فضلكم"), Says("شكرا جزيلا")],
    },
];
