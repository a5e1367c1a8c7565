{{ sender_score(['portal_id', 'user_id', 'sequence_id'], var('sender_score_by_sequence_min_ended')) }}
