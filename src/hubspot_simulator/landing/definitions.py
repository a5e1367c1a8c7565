"""Owners, pipelines and sequences: small, a page each; of owners who left, a second one from before."""

from string import Template

# A member without value is absent from a step, not null.
MACROS = """
    create or replace temp macro without_nulls(object) as json_merge_patch('{}', object::json);
    create or replace temp macro id_of_version(id, is_number) as
        if(is_number, to_json(id::bigint), to_json(id));
"""

# Who left is archived, without a name, and is nobody's user any more.
_OWNERS = Template(
    """
    select
        owner_id as id,
        lower(first_name) || '.' || lower(last_name) || '@seller.example' as email,
        'PERSON' as type,
        if($has_left, '', first_name) as "firstName",
        if($has_left, '', last_name) as "lastName",
        if($has_left, null, user_id::bigint) as "userId",
        user_id::bigint as "userIdIncludingInactive",
        [{'id': (1 + user_no % 2)::varchar, 'name': 'Team ' || (1 + user_no % 2), 'primary': true}]
            as teams,
        iso(window_start() - 31536000000) as "createdAt",
        iso(if($has_left, window_end() - 864000000, window_start())) as "updatedAt",
        $has_left as archived,
    from sim_users
    where $which
    order by user_no
    """
)
OWNERS = _OWNERS.substitute(has_left="archived", which="true")
OWNERS_BEFORE = _OWNERS.substitute(has_left="false", which="archived")

PIPELINES = """
    with stages as (
        select *
        from (
            values
                ('default', 'Sales Pipeline', 0, 'appointmentscheduled', 'Met', 'false', '0.2'),
                ('default', 'Sales Pipeline', 1, 'qualifiedtobuy', 'Qualified', 'false', '0.4'),
                ('default', 'Sales Pipeline', 2, 'closedwon', 'Closed won', 'true', '1.0'),
                ('default', 'Sales Pipeline', 3, 'closedlost', 'Closed lost', 'true', '0.0'),
                ('61234567', 'Partner Pipeline', 0, '61234570', 'Talking', 'false', '0.3'),
                ('61234567', 'Partner Pipeline', 1, '61234571', 'Signed', 'true', '1.0'),
                ('61234567', 'Partner Pipeline', 2, '61234572', 'Dropped', 'true', '0.0')
        ) as v (pipeline, label, display_order, stage, stage_label, is_closed, probability)
    )

    select
        pipeline as id,
        label,
        if(pipeline = 'default', 0, 1) as "displayOrder",
        list({
            'id': stage,
            'label': stage_label,
            'displayOrder': display_order,
            'metadata': {'isClosed': is_closed, 'probability': probability},
            'archived': false,
        } order by display_order) as stages,
        iso(window_start() - 31536000000) as "createdAt",
        iso(window_start() - 31536000000) as "updatedAt",
        false as archived,
    from stages
    group by pipeline, label
    order by "displayOrder"
"""

# Ids drift between number and text from one API version to the next: templateId is text in e-mail steps and
# a number in tasks, and the other way round in sequence 4.
SEQUENCES = """
    with definition_steps as (
        select plan_no, step_order, action, task_type, template_id, delay_days from sim_steps
        union all
        select plan_no, n_steps, 'FINISH_ENROLLMENT', '', '', 1 from sim_plans
    )

    select
        plans.sequence_id as id,
        any_value(plans.name) as name,
        nullif(any_value(plans.folder_id), '') as "folderId",
        min(users.user_id) as "userId",
        {'eligibleFollowUpDays': 'BUSINESS_DAYS', 'sendWindowStartMinute': 480} as settings,
        list(without_nulls({
            'id': plans.sequence_id || '0' || steps.step_order,
            'stepOrder': steps.step_order,
            'delayMillis': steps.delay_days * 86400000,
            'actionType': steps.action,
            'emailPattern': case when steps.action = 'EMAIL' then {
                'id': plans.sequence_id || '1' || steps.step_order,
                'templateId': id_of_version(steps.template_id, plans.seq_no = 4),
            } end,
            'taskPattern': case when steps.action = 'TASK' then without_nulls({
                'id': plans.sequence_id || '2' || steps.step_order,
                'taskType': steps.task_type,
                'taskPriority': 'MEDIUM',
                'subject': 'Step ' || (steps.step_order + 1),
                'templateId': id_of_version(nullif(steps.template_id, ''), plans.seq_no <> 4),
            }) end,
            'createdAt': iso(window_start() - 2592000000),
            'updatedAt': iso(if(plans.seq_no = 2, sequence_edited(), window_start() - 2592000000)),
        }) order by steps.step_order) as steps,
        [] as dependencies,
        iso(window_start() - 2592000000 - any_value(plans.seq_no)::bigint * 864000000)
            as "createdAt",
        iso(if(any_value(plans.seq_no) = 2, sequence_edited(), window_start() - 2592000000))
            as "updatedAt",
        false as archived,
    from sim_plans as plans
    inner join definition_steps as steps using (plan_no)
    inner join sim_users as users on plans.seq_no = users.user_no
    where plans.plan_no < 6
    group by plans.sequence_id
    order by id
"""

PAGED = {"owners": OWNERS, "pipelines": PIPELINES, "sequences": SEQUENCES}
