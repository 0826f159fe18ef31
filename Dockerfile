# The service: docker build -t followcue . && docker run -p 8080:8080 -v ./tokens:/run/tokens:ro followcue
FROM python:3.13-slim AS build
WORKDIR /src
COPY . .
RUN python -m venv /opt/followcue \
 && /opt/followcue/bin/pip install --no-cache-dir -c constraints/locked.txt '.[serve,tables,holidays]'

FROM python:3.13-slim
COPY --from=build /opt/followcue /opt/followcue
RUN useradd --system --create-home --uid 10001 followcue
USER followcue
ENV PATH=/opt/followcue/bin:$PATH PYTHONUNBUFFERED=1
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/health', timeout=2)"]
ENTRYPOINT ["followcue", "serve", "--host", "0.0.0.0", "--port", "8080", "--token-file", "/run/tokens"]
