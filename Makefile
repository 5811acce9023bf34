.DEFAULT_GOAL := help
.PHONY: help setup run test bench lint mutants

PYTHON := .venv/bin/python
WORLD ?= four-level
GIAOBAN_VAR ?= $(if $(filter reform,$(WORLD)),var-reform,var)

help: ## Liệt kê các lệnh
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/'

setup: .venv/.ready ## Cài đặt mọi thứ cần thiết vào thư mục này (.venv)

.venv/.ready: requirements.txt requirements-dev.txt scripts/bootstrap.sh
	@exec sh scripts/bootstrap.sh

run: setup ## Chạy thử tại http://127.0.0.1:8000 (PORT=, HOST=, WORLD=four-level|reform)
	@exec env GIAOBAN_VAR=$(GIAOBAN_VAR) $(PYTHON) manage.py run_all --prepare --world $(WORLD)

test: setup ## Chạy toàn bộ kiểm thử (trình duyệt khi có Chromium); một phần: make test ARGS="đường-dẫn -k từ"
	@exec sh scripts/test.sh $(ARGS)

bench: setup ## Đo trang, việc nền và sổ năm trên dữ liệu lớn tự dựng, theo tỷ số (dưới 5 phút)
	@exec $(PYTHON) manage.py bench

lint: setup ## Kiểm tra mã nguồn, mẫu trang, migration và cấu hình triển khai
	@exec sh scripts/lint.sh

mutants: setup ## Sửa thử từng chỗ trong các quy tắc, đếm phần kiểm thử nhận ra (dừng được; ARGS="--size 60 --seed 7 people")
	@exec $(PYTHON) scripts/mutants.py $(ARGS)
