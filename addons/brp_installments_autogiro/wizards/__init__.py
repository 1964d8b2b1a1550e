from . import brp_installment_reschedule, brp_installment_sale
