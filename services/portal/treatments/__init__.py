"""Tạm ứng, quyết toán, hoàn ứng at health sites: deposits are issued at the counter, a treatment is settled here by notices."""
