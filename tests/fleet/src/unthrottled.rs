/// Settings with which nobody is held back: a test asks as often as it likes, and from one address.
pub const UNTHROTTLED: [(&str, &str); 5] = [
    ("WEFT_GATEWAY__RATES__SIGN_IN__BURST", "1000000"),
    ("WEFT_GATEWAY__RATES__READ__BURST", "1000000"),
    ("WEFT_GATEWAY__RATES__WRITE__BURST", "1000000"),
    ("WEFT_GATEWAY__RATES__SEARCH__BURST", "1000000"),
    ("WEFT_GATEWAY__RATES__EXPORT__BURST", "1000000"),
];
