// The Spring Authorization Server as an OIDC issuer for the tests, as it is but for its keys, which the tests rotate:
// POST /keys makes a new one that signs from then on, DELETE /keys retires the oldest. Its clients are settings.
package ebb;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.security.config.annotation.web.configuration.WebSecurityCustomizer;
import org.springframework.security.oauth2.server.authorization.token.JwtEncodingContext;
import org.springframework.security.oauth2.server.authorization.token.OAuth2TokenCustomizer;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

@SpringBootApplication
@RestController
public class Issuer {
    private final List<JWK> keys = new CopyOnWriteArrayList<>(List.of(newKey()));

    public static void main(String[] arguments) {
        SpringApplication.run(Issuer.class, arguments);
    }

    @PostMapping("/keys")
    String add() {
        keys.add(newKey());
        return keys.get(keys.size() - 1).getKeyID();
    }

    @DeleteMapping("/keys")
    void retire() {
        keys.remove(0);
    }

    @Bean
    JWKSource<SecurityContext> jwkSource() {
        return (selector, context) -> selector.select(new JWKSet(keys));
    }

    @Bean
    OAuth2TokenCustomizer<JwtEncodingContext> newestKey() {
        return context -> context.getJwsHeader().keyId(keys.get(keys.size() - 1).getKeyID());
    }

    @Bean
    WebSecurityCustomizer keysAreForTheTest() {
        return web -> web.ignoring().requestMatchers("/keys");
    }

    private static JWK newKey() {
        try {
            return new RSAKeyGenerator(2048).keyUse(KeyUse.SIGNATURE).algorithm(JWSAlgorithm.RS256)
                .keyID(UUID.randomUUID().toString()).generate();
        } catch (com.nimbusds.jose.JOSEException error) {
            throw new IllegalStateException(error);
        }
    }
}
