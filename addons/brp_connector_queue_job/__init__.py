from . import models


def leave_to_the_scheduled_action(env):
    """Delete the jobs that wait, which nobody could run any more; what waits is sent all the same."""
    env["queue.job"].search(
        [
            ("model_name", "=", "brp.exchange"),
            ("method_name", "=", "_send_in_job"),
            ("state", "in", ("pending", "enqueued")),
        ]
    ).unlink()
    env.ref("brp_connector.ir_cron_send")._trigger()
