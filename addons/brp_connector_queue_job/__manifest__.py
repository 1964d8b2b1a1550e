{
    "name": "BRP Connector by Job Queue",
    "version": "19.0.1.0.0",
    "summary": "Exchanges with outside services are sent by the jobs of OCA's queue_job",
    "category": "Productivity",
    "author": "BRP for Odoo",
    "license": "LGPL-3",
    "depends": ["brp_connector", "queue_job"],
    "data": ["data/queue_job_data.xml"],
    "uninstall_hook": "leave_to_the_scheduled_action",
}
