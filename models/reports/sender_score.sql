{{ sender_score(['portal_id', 'user_id'], var('sender_score_min_ended')) }}
