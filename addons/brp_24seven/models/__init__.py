from . import brp_24seven_rented  # before those that inherit from it
from . import account_move
from . import account_move_line
from . import account_move_send
from . import account_move_status
from . import brp_24seven_customer
from . import brp_24seven_dimension
from . import brp_24seven_vat
from . import brp_connection
from . import brp_connection_customers
from . import brp_connection_orders
from . import brp_connection_status
from . import brp_exchange
from . import res_partner
from . import sale_order
from . import sale_order_line
