/// What one kind of customer goes through.
pub(super) struct Dialogue {
    pub(super) name: &'static str,
    pub(super) lines: &'static [Line],
}

/// One thing a customer does.
pub(super) enum Line {
    Says(&'static str),
    /// A picture.
    Shows(&'static str),
    /// A file.
    Sends(&'static str),
    /// A place, in degrees.
    IsAt(f64, f64),
}

use Line::{IsAt, Says, Sends, Shows};

/// Little dialogues of a bicycle shop.
pub(super) const DIALOGUES: &[Dialogue] = &[
    Dialogue {
        name: "Hannah",
        lines: &[
            Says("Hello, do you repair e-bikes as well?"),
            Shows("The display says this"),
            Says("Could I bring it on Saturday?"),
            Says("Great, see you then 🚲"),
        ],
    },
    Dialogue {
        name: "Joana",
        lines: &[
            Says("Oi! Vocês têm capacetes para crianças?"),
            Says("Ela tem seis anos"),
            IsAt(-23.550_52, -46.633_31),
            Says("Obrigada!"),
        ],
    },
    Dialogue {
        name: "Rahul",
        lines: &[Says("नमस्ते, मेरा ऑर्डर कब आएगा?"), Sends("यह रसीद है"), Says("ठीक है, धन्यवाद 🙏")],
    },
    Dialogue {
        name: "Giulia",
        lines: &[
            Says("Buongiorno, la bici è pronta?"),
            Says("Il nome è Bianchi, lasciata martedì"),
            Shows("Questo è lo scontrino"),
            Says("Perfetto, passo più tardi"),
        ],
    },
];
