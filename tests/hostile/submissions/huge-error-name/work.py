raise type("N" * (1 << 20), (Exception,), {})("[31m<script>alert(1)</script>")
