use serde_json::{Map, Value};

/// Contents that we know and cannot show.
const CONTENT: [&str; 9] = [
    "paid_media",
    "poll",
    "game",
    "story",
    "checklist",
    "invoice",
    "rich_message",
    "giveaway",
    "successful_payment",
];

/// Notices about the chat that nobody wrote.
const SERVICE: [&str; 62] = [
    "boost_added",
    "channel_chat_created",
    "chat_background_set",
    "chat_owner_changed",
    "chat_owner_left",
    "chat_shared",
    "checklist_tasks_added",
    "checklist_tasks_done",
    "connected_website",
    "delete_chat_photo",
    "direct_message_price_changed",
    "forum_topic_closed",
    "forum_topic_created",
    "forum_topic_edited",
    "forum_topic_reopened",
    "general_forum_topic_hidden",
    "general_forum_topic_unhidden",
    "gift",
    "gift_upgrade_sent",
    "giveaway_completed",
    "giveaway_created",
    "giveaway_winners",
    "group_chat_created",
    "left_chat_member",
    "left_chat_participant",
    "managed_bot_created",
    "message_auto_delete_timer_changed",
    "migrate_from_chat_id",
    "migrate_to_chat_id",
    "new_chat_member",
    "new_chat_members",
    "new_chat_participant",
    "new_chat_photo",
    "new_chat_title",
    "paid_message_price_changed",
    "passport_data",
    "pinned_message",
    "poll_option_added",
    "poll_option_deleted",
    "proximity_alert_triggered",
    "refunded_payment",
    "suggested_post_approval_failed",
    "suggested_post_approved",
    "suggested_post_declined",
    "suggested_post_paid",
    "suggested_post_refunded",
    "supergroup_chat_created",
    "unique_gift",
    "user_shared",
    "users_shared",
    "video_chat_ended",
    "video_chat_participants_invited",
    "video_chat_scheduled",
    "video_chat_started",
    "voice_chat_ended",
    "voice_chat_participants_invited",
    "voice_chat_scheduled",
    "voice_chat_started",
    "web_app_data_sent",
    "write_access_allowed",
    "write_access_requested",
    "write_access_revoked",
];

/// What surrounds the content of a message.
const AROUND: [&str; 44] = [
    "author_signature",
    "business_connection_id",
    "caption",
    "caption_entities",
    "chat",
    "date",
    "direct_messages_topic",
    "edit_date",
    "effect_id",
    "entities",
    "external_reply",
    "forward_date",
    "forward_from",
    "forward_from_chat",
    "forward_from_message_id",
    "forward_origin",
    "forward_sender_name",
    "forward_signature",
    "from",
    "guest_bot_caller_chat",
    "guest_bot_caller_user",
    "guest_query_id",
    "has_media_spoiler",
    "has_protected_content",
    "is_automatic_forward",
    "is_from_offline",
    "is_paid_post",
    "is_topic_message",
    "link_preview_options",
    "media_group_id",
    "message_id",
    "message_thread_id",
    "paid_star_count",
    "quote",
    "reply_markup",
    "reply_to_checklist_task_id",
    "reply_to_message",
    "reply_to_story",
    "sender_boost_count",
    "sender_business_bot",
    "sender_chat",
    "show_caption_above_media",
    "suggested_post_info",
    "via_bot",
];

/// What a message is that has no content we can show.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Leftover {
    /// A notice about the chat.
    Service(&'static str),
    /// Something a person sent; the name is the provider's.
    Content(String),
    /// Nothing at all.
    Nothing,
}

pub(super) fn classify(message: &Map<String, Value>) -> Leftover {
    if let Some(content) = CONTENT.into_iter().find(|name| message.contains_key(*name)) {
        return Leftover::Content(content.to_owned());
    }
    if let Some(notice) = SERVICE.into_iter().find(|name| message.contains_key(*name)) {
        return Leftover::Service(notice);
    }
    // newer than this code; better shown as unknown than lost
    match message.keys().find(|name| !AROUND.contains(&name.as_str())) {
        Some(name) => Leftover::Content(name.clone()),
        None => Leftover::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_a_person_sent_becomes_a_message() {
        let table = [
            (json!({"message_id": 1, "poll": {}}), Leftover::Content("poll".to_owned())),
            (json!({"message_id": 1, "pinned_message": {}}), Leftover::Service("pinned_message")),
            (json!({"message_id": 1, "hologram": {}}), Leftover::Content("hologram".to_owned())),
            (json!({"message_id": 1, "chat": {}, "date": 5, "effect_id": "1"}), Leftover::Nothing),
        ];
        for (message, leftover) in table {
            assert_eq!(classify(message.as_object().unwrap()), leftover);
        }
    }
}
