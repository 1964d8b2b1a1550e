import { ProductScreen } from "@point_of_sale/app/screens/product_screen/product_screen";
import { patch } from "@web/core/utils/patch";

patch(ProductScreen.prototype, {
    async addProductToOrder(product) {
        // A time is sold with when it is.
        return product.is_slot ? this.pos.bookTime() : await super.addProductToOrder(...arguments);
    },
});
