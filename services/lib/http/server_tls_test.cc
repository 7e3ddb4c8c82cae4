// The server over TLS: with the server's certificate alone, and with clients that must show one.
#include <csignal>
#include <cstdio>
#include <filesystem>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "http/server.h"

namespace yokoten::http {
namespace {

// A self-signed certificate and its key as two PEM files in a directory that goes with the object.
class Certificate {
 public:
  explicit Certificate(const std::string& name) {
    std::string pattern = (std::filesystem::temp_directory_path() / "yokoten-tls-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_NAME* subject = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509_set_issuer_name(certificate, subject);
    X509_set_pubkey(certificate, key);
    X509_sign(certificate, key, EVP_sha256());
    FILE* file = std::fopen(chain().c_str(), "w");
    PEM_write_X509(file, certificate);
    std::fclose(file);
    file = std::fopen(this->key().c_str(), "w");
    PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
    X509_free(certificate);
    EVP_PKEY_free(key);
  }
  ~Certificate() { std::filesystem::remove_all(directory_); }
  std::string chain() const { return directory_ + "/chain.pem"; }
  std::string key() const { return directory_ + "/key.pem"; }

 private:
  std::string directory_;
};

// Sends one request over TLS and gives all that comes back; empty if the handshake or the request fails.
std::string Ask(uint16_t port, const std::string& request, const std::string& trusted,
                const Certificate* own) {
  std::signal(SIGPIPE, SIG_IGN);  // a refused client is still writing
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval deadline{10, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof deadline);
  EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_load_verify_locations(context, trusted.c_str(), nullptr);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  if (own != nullptr) {
    SSL_CTX_use_certificate_file(context, own->chain().c_str(), SSL_FILETYPE_PEM);
    SSL_CTX_use_PrivateKey_file(context, own->key().c_str(), SSL_FILETYPE_PEM);
  }
  SSL* ssl = SSL_new(context);
  SSL_set_fd(ssl, fd);
  std::string answer;
  if (SSL_connect(ssl) == 1 && SSL_write(ssl, request.data(), static_cast<int>(request.size())) > 0) {
    char buffer[16384];
    for (int count; (count = SSL_read(ssl, buffer, sizeof buffer)) > 0;)
      answer.append(buffer, static_cast<size_t>(count));
  }
  SSL_free(ssl);
  SSL_CTX_free(context);
  close(fd);
  return answer;
}

TEST(ServerTlsTest, ServesOverTlsWithLargeBodiesBothWays) {
  const Certificate certificate("localhost");
  ServerOptions options;
  options.tls.certificate_chain_file = certificate.chain();
  options.tls.private_key_file = certificate.key();
  const auto server = Server::Start(options, [](Request& request, const auto& response) {
    const auto body = request.ReadAll(1 << 20);
    (void)response->Begin(200, {});
    (void)response->Write(*body);
    (void)response->End();
  });
  ASSERT_TRUE(server.ok()) << Message(server.status());
  EXPECT_TRUE((*server)->Url().starts_with("https://"));
  const std::string body(300'000, 'x');
  const std::string answer =
      Ask((*server)->BoundPort(),
          "POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) +
              "\r\n\r\n" + body,
          certificate.chain(), nullptr);
  EXPECT_NE(answer.find("200 OK"), std::string::npos);
  EXPECT_NE(answer.find(body), std::string::npos);
}

TEST(ServerTlsTest, ClientsMustShowACertificateWhereOneIsAskedFor) {
  const Certificate certificate("localhost"), client("planner"), stranger("stranger");
  ServerOptions options;
  options.tls.certificate_chain_file = certificate.chain();
  options.tls.private_key_file = certificate.key();
  options.tls.client_ca_file = client.chain();
  const auto server = Server::Start(options, [](Request& request, const auto& response) {
    (void)response->Send(200, {}, request.client_subject);
  });
  ASSERT_TRUE(server.ok()) << Message(server.status());
  const std::string get = "GET / HTTP/1.1\r\nConnection: close\r\n\r\n";
  EXPECT_NE(Ask((*server)->BoundPort(), get, certificate.chain(), &client).find("/CN=planner"),
            std::string::npos);
  EXPECT_EQ(Ask((*server)->BoundPort(), get, certificate.chain(), nullptr), "");
  EXPECT_EQ(Ask((*server)->BoundPort(), get, certificate.chain(), &stranger), "");
}

}  // namespace
}  // namespace yokoten::http
