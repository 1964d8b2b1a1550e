from . import brp_installment_sale
