//! The tables.

#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod bulk_action;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod bulk_action_item;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod canned_reply;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod channel;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod channel_kind;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod contact;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod contact_address;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod contact_export;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod contact_identity;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod contact_import;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod contact_import_error;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod contact_merge;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod contact_note;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod contact_settings;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod contact_tag;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod conversation;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod conversation_change;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod conversation_holder;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod conversation_mark;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod conversation_reader;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod conversation_tag;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod custom_field;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod draft;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod dropped_view_set;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod inbox;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod merge_suggestion;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod merged_thread;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod message;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod message_hidden;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod message_part;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod notification;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod notification_count;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod parked_report;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod person;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod regrouped_message;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod regrouping;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod saved_macro;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod saved_view;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod scheduled_message;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod search_entry;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod search_progress;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod silence_settings;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod tag;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod team;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod team_member;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod view_count;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod view_member;
